export { openStage, type ProgramOptions, type Stage } from './stage.js';
