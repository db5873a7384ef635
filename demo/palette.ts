/** Colours of the canvases; those of the page are in style.css. */

type Rgb = readonly [number, number, number];

export interface Palette {
  /** From the worst to the best of the landscape. */
  landscape: readonly Rgb[];
  contour: string;
  /** Around whatever lies on the landscape, to set it off. */
  halo: string;
  axis: string;
  mode: string;
  components: readonly string[];
  /** The same colours for shaders: from 0 to 1. */
  haloColour: readonly [number, number, number, number];
  componentColours: readonly Rgb[];
}

const rgbOf = (hex: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255) as unknown as Rgb;
const darkComponents = ['#ffb454', '#ff7a90', '#ffe27a', '#d7a6ff', '#ff9d5c', '#f7b6d2', '#c8f56b', '#ffd0a1'];
const lightComponents = ['#c2410c', '#be123c', '#854d0e', '#7e22ce', '#9a3412', '#a21caf', '#4d6b00', '#b4530a'];

const dark: Palette = {
  landscape: [
    [13, 17, 32],
    [17, 30, 56],
    [22, 54, 86],
    [26, 87, 109],
    [40, 118, 124],
    [66, 144, 134],
    [112, 180, 146],
  ],
  contour: 'rgba(214, 240, 236, 0.2)',
  halo: 'rgba(6, 10, 20, 0.75)',
  axis: '#8d9ab0',
  mode: '#ffffff',
  components: darkComponents,
  haloColour: [0.024, 0.04, 0.078, 0.75],
  componentColours: darkComponents.map(rgbOf),
};

const light: Palette = {
  landscape: [
    [249, 248, 244],
    [232, 239, 238],
    [205, 225, 226],
    [166, 205, 210],
    [118, 176, 187],
    [70, 140, 158],
    [32, 98, 124],
  ],
  contour: 'rgba(16, 60, 76, 0.28)',
  halo: 'rgba(255, 255, 255, 0.85)',
  axis: '#5d6878',
  mode: '#10202c',
  components: lightComponents,
  haloColour: [1, 1, 1, 0.85],
  componentColours: lightComponents.map(rgbOf),
};

export const palette = (isDark: boolean): Palette => (isDark ? dark : light);

/** The landscape's colour at a share in [0, 1]. */
export function landscapeColour({ landscape }: Palette, share: number): Rgb {
  const at = Math.min(1, Math.max(0, share)) * (landscape.length - 1);
  const i = Math.min(landscape.length - 2, Math.floor(at));
  const t = at - i;
  const a = landscape[i]!;
  const b = landscape[i + 1]!;
  return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]), a[2] + t * (b[2] - a[2])];
}

export const componentColour = ({ components }: Palette, k: number): string => components[k % components.length]!;
