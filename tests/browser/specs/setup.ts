import { rmSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@playwright/test';
import { outDir } from '../support/server';

test('the folder for pages and pictures is empty', () => {
  mkdirSync(outDir, { recursive: true });
  const ours = /^(axe|html|screens|server-.*|.*\.png)$/;
  const old = readdirSync(outDir).filter((name) => ours.test(name));
  for (const name of old) rmSync(join(outDir, name), { recursive: true });
});
