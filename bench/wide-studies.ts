import type { HarvestedStudy } from '../src/catalog/build-snapshot.ts';
import { makeStudy } from './large-packs.ts';

/** Studies as large networks have them: at their own places and at hundreds elsewhere. */

interface WithLocations {
  protocolSection: { contactsLocationsModule: { locations?: Record<string, unknown>[] } };
}

export function makeWideStudy(number: number, sites: number): HarvestedStudy {
  const harvested = makeStudy(number, 'fetched');
  const { contactsLocationsModule: places } = (harvested.study as WithLocations).protocolSection;
  const own = places.locations ?? [];
  const elsewhere = Array.from({ length: Math.max(0, sites - own.length) }, (_, index) => ({
    facility: `Hospital ${index + 1} for Children and Adults`,
    status: 'RECRUITING',
    city: `City ${index % 200}`,
    state: 'Ohio',
    zip: String(43_000 + index),
    country: 'United States',
    contacts: [{ name: 'Site Public Contact', role: 'CONTACT', phone: '555-0100' }],
    geoPoint: { lat: 40 + index / 1_000, lon: -83 - index / 1_000 },
  }));
  places.locations = [...own, ...elsewhere];
  return harvested;
}
