export { type ClaimRefusal, type ClaimVerdict, mayTest, type TestClaim } from './claim.js';
export { positionOf } from './members.js';
export { mesh } from './mesh.js';
export { type RingOptions, ring, roundsToCover } from './ring.js';
export { type Roster, rosterAt } from './roster.js';
export { slotsToCover, type TimetablePair, type Turn } from './table.js';
export { nextTurn, timetable, turnOf } from './timetable.js';
export { type TimetableOptions, type TimetableSettings, timetableSettings } from './timetable-options.js';
