import type { StudyText } from '../../src/eligibility/study-sentences.ts';

/** A study that says nothing; tests fill in the parts that they are about. */
export const emptyStudyText: StudyText = {
  briefTitle: 'A study',
  officialTitle: null,
  acronym: null,
  conditions: [],
  keywords: [],
  meshTerms: [],
  briefSummary: null,
  criteria: '',
  interventionNames: [],
  interventionOtherNames: [],
  armGroupLabels: [],
};
