import { describe } from 'vitest';
import { MemoryStore } from '../../../src/coordination/memory-store.ts';
import { describeStore } from './shared-store.ts';

describe('MemoryStore', () => {
  const store = new MemoryStore();
  describeStore(() => store);
});
