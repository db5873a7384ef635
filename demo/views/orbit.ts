/** A camera that looks at the box from around it: drag, wheel, or arrow keys. */
import { mat4, vec3 } from 'wgpu-matrix';

const STEP = 0.12;

export class Orbit {
  #turn = 0.7;
  #tilt = 0.45;
  #distance = 4.2;

  /** Where one looks from, in search coordinates. */
  get eye(): Float32Array {
    const across = this.#distance * Math.cos(this.#tilt);
    return vec3.create(across * Math.cos(this.#turn), across * Math.sin(this.#turn), this.#distance * Math.sin(this.#tilt));
  }

  /** From search coordinates to clip space. The third axis points up. */
  camera(aspect: number): Float32Array {
    const { eye } = this;
    const projection = mat4.perspective(aspect < 1 ? 2 * Math.atan(0.42 / aspect) : 0.8, aspect, 0.1, 40);
    return mat4.multiply(projection, mat4.lookAt(eye, [0, 0, 0], [0, 0, 1])) as Float32Array;
  }

  /** Listens on an element as long as `active` says so; `changed` after every move. */
  attach(element: HTMLElement, active: () => boolean, changed: () => void): void {
    element.addEventListener('pointermove', (event) => {
      if (!active() || !(event.buttons & 1)) return;
      element.setPointerCapture(event.pointerId);
      this.#move(-0.008 * event.movementX, 0.008 * event.movementY);
      changed();
    });
    element.addEventListener(
      'wheel',
      (event) => {
        if (!active()) return;
        event.preventDefault();
        this.#zoom(Math.exp(0.001 * event.deltaY));
        changed();
      },
      { passive: false },
    );
    element.addEventListener('keydown', (event) => {
      if (!active()) return;
      const keys: Record<string, () => void> = {
        ArrowLeft: () => this.#move(-STEP, 0),
        ArrowRight: () => this.#move(STEP, 0),
        ArrowUp: () => this.#move(0, STEP),
        ArrowDown: () => this.#move(0, -STEP),
        '+': () => this.#zoom(0.9),
        '-': () => this.#zoom(1 / 0.9),
      };
      const act = keys[event.key];
      if (!act) return;
      event.preventDefault();
      act();
      changed();
    });
  }

  #move(turn: number, tilt: number): void {
    this.#turn += turn;
    this.#tilt = Math.min(1.5, Math.max(-1.5, this.#tilt + tilt));
  }

  #zoom(factor: number): void {
    this.#distance = Math.min(12, Math.max(2.2, this.#distance * factor));
  }
}
