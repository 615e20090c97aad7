// A reporter that shows what the tests print and, of what failed, the words alone: for runs whose
// output is a table to read.

import type { Reporter, TestCase, TestError, TestResult } from '@playwright/test/reporter';

const colours = /\u001b\[[0-9;]*m/g;

export default class PlainReporter implements Reporter {
  onStdOut(text: string | Buffer): void {
    process.stdout.write(text);
  }

  onStdErr(text: string | Buffer): void {
    process.stderr.write(text);
  }

  onError(error: TestError): void {
    process.stderr.write(`${(error.message ?? error.value ?? '').replace(colours, '')}\n`);
  }

  onTestEnd(_test: TestCase, result: TestResult): void {
    for (const error of result.errors) this.onError(error);
  }

  printsToStdio(): boolean {
    return true;
  }
}
