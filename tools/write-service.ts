import { buildService } from './build-service.ts';

/** `npm run build`: the service as the image starts it, in `dist`. */
await buildService();
