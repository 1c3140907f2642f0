/** Where the service listens for the work. */
export const WORK_PORT = 7000;
/** Where it listens for checks: DNS and HTTPS, as check hosts on the internet do. */
export const CHECK_PORTS = [53, 443] as const;
