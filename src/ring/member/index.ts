export { createMember, type Member } from './create-member.js';
export { memberOptionsFromEnv, type Variables } from './env-options.js';
export { MemberFileError, type MemberFilePlace } from './member-file-error.js';
export type { MemberHealth, MemberTaskHealth } from './member-health.js';
export type { MemberMonitor, MemberOptions } from './member-options.js';
export { memberOptionsFromYaml } from './yaml-options.js';
