import { attachFinders } from './attach-finder.ts';

attachFinders(document);
