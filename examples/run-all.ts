// Runs every example against one simulator and one server. Each asserts what it shows; the first that fails ends the run.
import { readdir } from 'node:fs/promises';
import { startHouse } from './start-house.ts';

const house = await startHouse();
try {
  const files = (await readdir(new URL('.', import.meta.url))).filter((name) => /^\d\d-.*\.ts$/.test(name)).sort();
  for (const file of files) {
    const { run } = await import(new URL(file, import.meta.url).href);
    await run(house);
    console.log(`ok ${file}`);
  }
} finally {
  await house.close();
}
