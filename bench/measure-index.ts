import { once } from 'node:events';
import process from 'node:process';
import { measureIndex } from './index-growth.ts';

/** A process for one size: what another left in memory would count. */
const [count] = (await once(process, 'message')) as [number];
process.send?.(measureIndex(count));
