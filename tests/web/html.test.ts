import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dataScript, html, renderDocument, markPlace, splitAtPlaces } from '../../src/web/html.ts';

test('a text stays a text, in elements and in attributes', () => {
  const hostile = `<img src=x onerror=alert(1)> "'&`;
  const made = html`<p title="${hostile}">${hostile}</p>`.toString();
  expect(made).not.toContain('<img');
  expect(made).toBe(
    '<p title="&lt;img src=x onerror=alert(1)&gt; &quot;&#39;&amp;">&lt;img src=x onerror=alert(1)&gt; &quot;&#39;&amp;</p>',
  );
});

test('no text whatever opens an element or closes an attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const made = html`<p title="${text}">${text}</p>`.toString();
      expect(made.match(/[<>]/g)).toEqual(['<', '>', '<', '>']);
      expect(made.match(/"/g)).toEqual(['"', '"']);
    }),
  );
});

test('markup is taken as it is, lists are joined, and what is false or absent is left out', () => {
  const texts = ['a', '<b>'].map((text) => html`<i>${text}</i>`);
  expect(html`<b>${texts}${false}${null}${0}</b>`.toString()).toBe('<b><i>a</i><i>&lt;b&gt;</i>0</b>');
});

test('data for programs end no script, whatever they hold', () => {
  const value = { text: '</script><script>alert(1)</script><!--' };
  const made = dataScript('application/ld+json', value).toString();
  expect(made.match(/<\/?script/g)).toHaveLength(2);
  expect(made).not.toContain('<!--');
  expect(JSON.parse(made.replace(/<[^>]*>/g, ''))).toEqual(value);
});

test('a document begins with its doctype', () => {
  expect(renderDocument(html`<html lang="en"></html>`)).toBe('<!doctype html>\n<html lang="en"></html>\n');
});

test('a text is never taken for a place that is filled later', () => {
  const title = html`<b title="${'<?0?>'}" ${markPlace('hidden')}>${'<?fit?>'}</b>`;
  const markup = html`${title}${markPlace(7)}`.toString();
  expect(splitAtPlaces(markup)).toEqual(['<b title="&lt;?0?&gt;" ', 'hidden', '>&lt;?fit?&gt;</b>', '7', '']);
});

test('a mark without an end is a text', () => {
  expect(splitAtPlaces('<?fit')).toEqual(['<?fit']);
});
