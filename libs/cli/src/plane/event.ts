// What happens to the parts of a running plane.
import type { ServiceName } from '@writ/contracts';

/** What happened to a service, or to a server that it stands on. */
export type SupervisorEvent = {
  readonly kind: 'ready' | 'exited' | 'restarting';
  readonly service: ServiceName | 'nats' | 'postgres';
  readonly pid: number;
};
