/** What users of the data must know and do (the registry's terms and conditions, in our words). */
export const TERMS_OF_USE = [
  'The data come from ClinicalTrials.gov, a database of the U.S. National Library of Medicine; name it as the source.',
  'Show the date on which ClinicalTrials.gov processed the data (`meta.sourceDataTimestamp`, `source.dataDate`) and keep your copy current.',
  'Say what was modified; our modifications are listed here, add your own.',
  'Claim no ownership of the data, and present them as a database of the United States Government only.',
  'E-mail addresses from the data must not be used for marketing.',
  'Copyright outside the United States, and of third parties, may apply. There is no warranty.',
  'A listing is no endorsement by the National Institutes of Health.',
] as const;

/** Every modification that we make, so that a reader can tell the registry's words from ours. */
export const MODIFICATIONS = [
  'Studies are chosen: only those about, or open to, the condition of this service with a site of this institution (`relevance`, `/v1/excluded`).',
  'Sites elsewhere are left out and counted (`otherSitesCount`).',
  '`availability` is ours: it is derived from the status of the study and of the site here.',
  'Ages are also given in days, as a label and in age groups of ours; the bounds stay verbatim.',
  'Markdown and HTML of long texts are turned into plain text; control characters are removed.',
  'Eligibility criteria are also split into inclusion, exclusion and other.',
  'Phases get a label; MeSH ids of old records are written with six digits.',
  'A telephone line of the institution is added to the contacts, marked `institution`.',
  'Facets are read from titles, conditions, criteria, summaries and interventions by fixed rules; each shows the sentence that it came from. `fit` follows from them and is no medical judgement.',
  'Notices are added where status, age or names need a second look.',
  'Results, outcomes, references and arms are left out.',
] as const;
