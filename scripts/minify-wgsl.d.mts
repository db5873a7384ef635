/** WGSL without comments and without the white space that no token needs. */
export function minifyWgsl(text: string): string;
