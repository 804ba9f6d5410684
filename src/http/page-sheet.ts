import type { PlaceTrial } from '../web/finder.ts';
import { markPlace, splitAtPlaces } from '../web/html.ts';
import type { Blank, TrialBlanks } from './trial-blanks.ts';

/** A page in the making: its markup is rendered with marks in place of its trials, which are at hand as bytes. */
export interface PageSheet {
  readonly place: PlaceTrial;
  /** The page's bytes, with every trial in its place. */
  readonly fill: (markup: string) => Buffer;
}

type Filled = ReturnType<Parameters<PlaceTrial>[1]>;

/** A text, or a stretch of bytes. */
type Piece = string | { readonly bytes: Buffer; readonly from: number; readonly to: number };

export function createPageSheet(blanks: Pick<TrialBlanks, 'findBlank'>): PageSheet {
  const placed: { readonly blank: Blank; readonly filled: Filled }[] = [];
  return {
    place(wanted, fill) {
      placed.push({ blank: blanks.findBlank(wanted), filled: fill() });
      return markPlace(placed.length - 1);
    },
    fill(markup) {
      const pieces: Piece[] = [];
      for (const [index, cut] of splitAtPlaces(markup).entries()) {
        const trial = index % 2 === 0 ? undefined : placed[Number(cut)];
        if (trial === undefined) pieces.push(cut);
        else addTrial(pieces, trial.blank, trial.filled);
      }
      return joinPieces(pieces);
    },
  };
}

function addTrial(pieces: Piece[], { bytes, places }: Blank, filled: Filled): void {
  let from = 0;
  for (const { name, at } of places) {
    pieces.push({ bytes, from, to: at });
    const filling = filled[name];
    if (filling) pieces.push(filling.toString());
    from = at;
  }
  pieces.push({ bytes, from, to: bytes.length });
}

function joinPieces(pieces: readonly Piece[]): Buffer {
  let length = 0;
  for (const piece of pieces)
    length += typeof piece === 'string' ? Buffer.byteLength(piece) : piece.to - piece.from;
  const body = Buffer.allocUnsafeSlow(length);
  let end = 0;
  for (const piece of pieces)
    end +=
      typeof piece === 'string' ? body.write(piece, end) : piece.bytes.copy(body, end, piece.from, piece.to);
  return body;
}
