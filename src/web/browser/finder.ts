import { attachFinders } from './attach-finder.ts';
import { attachPrint } from './print.ts';

attachFinders(document);
attachPrint(document);
