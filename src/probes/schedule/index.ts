export type { EngineName, EngineOptions, EngineOptionsByName } from './engines.js';
export { readTaskFile, tasksFromFile } from './file-source.js';
export type { ScheduleHealth, ScheduleStatus, TaskHealth, TaskState } from './health.js';
export type { TaskFile } from './parse-task-file.js';
export { ProbeHungError } from './probe-hung-error.js';
export { ProbeSchedule, type ProbeScheduleEvents, type ScheduledResult } from './probe-schedule.js';
export type { ResultStream, ResultStreamOptions } from './result-stream.js';
export type { ProbeScheduleOptions } from './schedule-options.js';
export type { SrvSelection } from './srv-selection.js';
export { tasksFromSrv } from './srv-source.js';
export type {
  AskingEngineName,
  EngineTask,
  FunctionTask,
  HostTask,
  ProbeFunction,
  ScheduledTask,
  ScheduleTask,
  TaskFields,
} from './task.js';
export type { AnnotationSettings, GeoSettings } from './task-file-annotations.js';
export { type FilePlace, TaskFileError } from './task-file-error.js';
export type { TaskSink, TaskSource } from './task-source.js';
