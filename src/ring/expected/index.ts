export type { Alert, AlertEvent, CriticalAlert, LocationAlert, TotalAlert } from './alert.js';
export {
  CHECK_INTERVALS,
  type Criticality,
  type ExpectedDisplay,
  type ExpectedLocation,
  type ExpectedMembers,
  readExpectedMembers,
} from './expected-members.js';
export type { LocationStatus, LocationVerdict } from './judge-location.js';
export { judgeMembers, type MembersJudgement, type PresentMember } from './judge-members.js';
export { INITIAL_MEMBERS_STATE, type LocationState, leaveOut, type MembersState } from './members-state.js';
