import { writeFileSync } from 'node:fs';

/** What became of each test, in the file that `NETPAUSE_REPORT` names. */
export default class Reporter {
  onTestRunEnd(modules, unhandled) {
    const report = {
      passed: 0,
      failed: unhandled.map((error) => failureOf('an error that nobody caught', error)),
      skipped: [],
    };
    for (const module of modules) addModule(report, module);
    writeFileSync(process.env.NETPAUSE_REPORT, JSON.stringify(report));
  }
}

function addModule(report, module) {
  // Those of what could not be loaded, and of the hooks of a group: its tests count as skipped.
  for (const group of [module, ...module.children.allSuites()]) {
    for (const error of group.errors()) report.failed.push(failureOf(group.fullName ?? group.relativeModuleId, error));
  }
  for (const test of module.children.allTests()) {
    const { state, errors = [] } = test.result();
    if (state === 'passed') report.passed += 1;
    else if (state === 'failed') report.failed.push(failureOf(test.fullName, errors[0]));
    else report.skipped.push(test.fullName);
  }
}

function failureOf(name, { message, stack = message } = { message: 'no message' }) {
  return { name, message: stack };
}
