/** Where the content goes. */
export const BUCKET = 'soak';
