/** To make a format takes a hundred times longer than to use it, and a page of trials has hundreds of numbers and days. */
function keepEach<Options extends object, Format>(
  make: (locale: string, options: Options) => Format,
): (locale: string, options: Options) => Format {
  // As many as there are languages and ways to write: none is named by who asks.
  const known = new Map<string, Format>();
  return (locale, options) => {
    const key = `${locale} ${JSON.stringify(options)}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const format = make(locale, options);
    known.set(key, format);
    return format;
  };
}

export const dateFormatOf = keepEach<Intl.DateTimeFormatOptions, Intl.DateTimeFormat>(
  (locale, options) => new Intl.DateTimeFormat(locale, options),
);
export const numberFormatOf = keepEach<Intl.NumberFormatOptions, Intl.NumberFormat>(
  (locale, options) => new Intl.NumberFormat(locale, options),
);
