/** Where everything goes. */
export const BUCKET = 'bucket';
