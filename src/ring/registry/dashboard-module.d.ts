/** The pages of `src/dashboard`, as `npm run build:dashboard` makes them. */
declare module '#dashboard' {
  /** A file of the page. */
  interface PageFile {
    readonly type: string;
    readonly text: string;
    readonly hash: string;
  }

  /** The page itself. */
  export const page: PageFile;

  /** Its scripts and style sheets, by their paths: `/assets/…`, with the hash of the content. */
  export const assets: Readonly<Record<string, PageFile>>;
}
