/** How much a line of the log matters, from little to much. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** The flag of that, and what it is for. */
export const LOG_LEVEL_FLAG = ['--log-level <level>', 'what matters less is not said (default: info)'] as const;
