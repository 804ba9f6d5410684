import { STATUS_CODES, validateHeaderValue } from 'node:http';

/** Names and values in turn, as Node writes them without looking them up. */
export type FlatHeaders = readonly string[];

/** The head of an answer, but for the fields of a single request. */
export interface AnswerHead {
  readonly status: 200 | 304;
  /** As it is sent, and checked: what all answers of its kind begin with, and the fields of this one. */
  readonly commonText: string;
  readonly ownText: string;
  /** The same fields for Node. */
  fields(): FlatHeaders;
}

/** What the heads of many answers begin with. */
export interface CommonHead {
  readonly status: AnswerHead['status'];
  readonly fields: FlatHeaders;
  readonly text: string;
}

export function createCommonHead(status: AnswerHead['status'], fields: FlatHeaders): CommonHead {
  const text = flatten(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${formatChecked(fields)}`);
  return { status, fields, text };
}

/**
 * For one answer. Only the text of its own fields is made, because there are many answers, and hardly any goes through
 * Node.
 * @throws when something may not stand in a header
 */
export function createAnswerHead({ status, fields, text }: CommonHead, own: FlatHeaders): AnswerHead {
  return {
    status,
    commonText: text,
    ownText: formatChecked(own),
    fields: () => [...fields, ...own],
  };
}

/** The same for many answers. */
export function keepHead(head: AnswerHead): AnswerHead {
  return { ...head, ownText: flatten(head.ownText) };
}

export function formatFields(fields: FlatHeaders): string {
  let text = '';
  for (let index = 0; index < fields.length; index += 2) text += `${fields[index]}: ${fields[index + 1]}\r\n`;
  return text;
}

function formatChecked(fields: FlatHeaders): string {
  for (let index = 0; index < fields.length; index += 2)
    validateHeaderValue(fields[index] as string, fields[index + 1] as string);
  return formatFields(fields);
}

/** A text that was added up stays a tree of its parts, which every answer would walk anew. */
function flatten(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
