import { AVAILABILITIES, type Availability, type NoticeCode } from './vocabulary.ts';

/** What a site's own status says while its study recruits (contract 5.3, first three rows). */
const BY_SITE_STATUS: Readonly<Record<string, Availability>> = {
  RECRUITING: 'open',
  NOT_YET_RECRUITING: 'opening_soon',
  ENROLLING_BY_INVITATION: 'by_invitation',
  SUSPENDED: 'paused',
  ACTIVE_NOT_RECRUITING: 'closed',
  COMPLETED: 'closed',
  TERMINATED: 'closed',
  WITHDRAWN: 'closed',
};

/** Study statuses that pass on to every site that has no status of its own. */
const INHERITED: Readonly<Record<string, Availability>> = {
  NOT_YET_RECRUITING: 'opening_soon',
  ENROLLING_BY_INVITATION: 'by_invitation',
  SUSPENDED: 'paused',
};

/** Study statuses that close every site, whatever the site says. */
const CLOSED_STATUSES = new Set(['ACTIVE_NOT_RECRUITING', 'COMPLETED', 'TERMINATED', 'WITHDRAWN']);

/** Statuses of expanded access, which speak for every site. */
const EXPANDED_ACCESS: Readonly<Record<string, Availability>> = {
  AVAILABLE: 'open',
  TEMPORARILY_NOT_AVAILABLE: 'paused',
  NO_LONGER_AVAILABLE: 'closed',
  APPROVED_FOR_MARKETING: 'closed',
};

/** Availability of one site, whether it was inferred from the study alone, and the remark it calls for. */
export interface SiteAvailability {
  readonly availability: Availability;
  readonly inferred: boolean;
  readonly notice: Extract<NoticeCode, 'status_conflict' | 'lapsed'> | null;
}

function find(table: Readonly<Record<string, Availability>>, status: string): Availability | undefined {
  return Object.hasOwn(table, status) ? table[status] : undefined;
}

/** Contract 5.3: the study's status and the site's own status give the availability here. */
export function siteAvailability(statuses: {
  overallStatus: string;
  siteStatus: string | null;
}): SiteAvailability {
  const { overallStatus, siteStatus } = statuses;
  const own = siteStatus === null ? null : (find(BY_SITE_STATUS, siteStatus) ?? 'unknown');
  const inferred = own === null;
  const inherited = find(INHERITED, overallStatus);
  const expandedAccess = find(EXPANDED_ACCESS, overallStatus);
  if (overallStatus === 'RECRUITING') return { availability: own ?? 'unknown', inferred, notice: null };
  if (inherited)
    return { availability: own ? moreClosed(inherited, own) : inherited, inferred, notice: null };
  if (CLOSED_STATUSES.has(overallStatus)) {
    const conflict = own !== null && own !== 'closed';
    return { availability: 'closed', inferred, notice: conflict ? 'status_conflict' : null };
  }
  if (expandedAccess) return { availability: expandedAccess, inferred: true, notice: null };
  const lapsed = overallStatus === 'UNKNOWN' && siteStatus === 'RECRUITING';
  return { availability: 'unknown', inferred, notice: lapsed ? 'lapsed' : null };
}

function moreClosed(one: Availability, other: Availability): Availability {
  return AVAILABILITIES.indexOf(one) > AVAILABILITIES.indexOf(other) ? one : other;
}

/**
 * The best availability of some sites. A site whose name is withheld speaks only where no site is surely ours,
 * so that it never makes a trial look open at our own sites.
 * @returns `closed` for no sites
 */
export function bestAvailability(
  sites: readonly { readonly kind: string; readonly availability: Availability }[],
): Availability {
  const ours = sites.filter((site) => site.kind !== 'possible');
  const speaking = ours.length > 0 ? ours : sites;
  return AVAILABILITIES.find((value) => speaking.some((site) => site.availability === value)) ?? 'closed';
}
