// Open Cybersecurity Schema Framework 1.6: what agents do is API Activity (6003), what is changed about them Entity Management
// (3004), what a detector saw a Detection Finding (2004). What has no OCSF attribute goes into `unmapped`.
import type { JsonObject } from '@writ/contracts';
import { agentOf, type ExportedEvent, envelopeOf, millisOf, typeParts, weightOf } from './event.js';
import { type ExportFormat, lineFormat } from './format.js';
import { activityOf } from './ocsf-activity.js';

const VERSION = '1.6.0';
const API_ACTIVITY = { category_uid: 6, class_uid: 6003 } as const;
const ENTITY_MANAGEMENT = { category_uid: 3, class_uid: 3004 } as const;
const DETECTION_FINDING = { category_uid: 2, class_uid: 2004 } as const;

/** severity_id: 1 informational, 3 medium, 4 high. status_id: 1 success, 2 failure. */
const WEIGHT = {
  alarm: { severity_id: 4, status_id: 1 },
  refusal: { severity_id: 3, status_id: 2 },
  plain: { severity_id: 1, status_id: 1 },
} as const;

const textIn = (
  data: { readonly [name: string]: unknown },
  ...path: readonly string[]
): string | undefined => {
  let here: unknown = data;
  for (const name of path) here = (here as { readonly [name: string]: unknown } | null | undefined)?.[name];
  return typeof here === 'string' ? here : undefined;
};

/** Where the action stands: in the receipt itself, or in the intent that a decision embeds. */
const actionText = (event: ExportedEvent, member: 'tool' | 'operation' | 'resource'): string | undefined => {
  const { data } = envelopeOf(event);
  return textIn(data, 'what', member) ?? textIn(data, 'intent', 'signed', 'data', 'action', member);
};

const serviceOf = (event: ExportedEvent): string => envelopeOf(event).source.replace('/writ/', '');

const actorOf = (event: ExportedEvent): JsonObject => {
  const agent = agentOf(event);
  return agent === undefined ? { app_name: serviceOf(event) } : { user: { name: agent, uid: agent } };
};

const apiActivity = (event: ExportedEvent): JsonObject => {
  const resource = actionText(event, 'resource');
  const tool = actionText(event, 'tool');
  return {
    ...API_ACTIVITY,
    api: {
      operation: actionText(event, 'operation') ?? typeParts(event).fact,
      ...(tool === undefined ? {} : { service: { name: tool } }),
      request: { uid: envelopeOf(event).correlationid },
    },
    actor: actorOf(event),
    src_endpoint: { name: agentOf(event) ?? serviceOf(event) },
    ...(resource === undefined ? {} : { resources: [{ name: resource }] }),
  };
};

const entityManagement = (event: ExportedEvent): JsonObject => {
  const { data } = envelopeOf(event);
  const { family } = typeParts(event);
  const scope = agentOf(event) ?? textIn(data, 'environment') ?? textIn(data, 'scope');
  const name = textIn(data, 'name') ?? scope ?? event.subject;
  return { ...ENTITY_MANAGEMENT, entity: { name, type: family, uid: scope ?? name }, actor: actorOf(event) };
};

const finding = (event: ExportedEvent): JsonObject => ({
  ...DETECTION_FINDING,
  finding_info: {
    uid: envelopeOf(event).id,
    title: textIn(envelopeOf(event).data, 'detector') ?? 'flagged',
    created_time: millisOf(event),
  },
  actor: actorOf(event),
});

const classOf = (event: ExportedEvent): JsonObject & { readonly class_uid: number } => {
  const { family, fact } = typeParts(event);
  if (family === 'conduct' && fact === 'flagged') return finding(event) as JsonObject & { class_uid: number };
  const acts = ['decision', 'outcome'].includes(family) || fact.startsWith('receipt-');
  return (acts ? apiActivity(event) : entityManagement(event)) as JsonObject & { class_uid: number };
};

const metadata = (event: ExportedEvent): JsonObject => {
  const document = envelopeOf(event);
  return {
    version: VERSION,
    product: { name: 'Writ', vendor_name: 'Writ' },
    uid: document.id,
    sequence: event.seq,
    event_code: document.type,
    original_time: document.time,
    logged_time: millisOf(event),
    correlation_uid: document.correlationid,
    log_name: event.subject,
    tenant_uid: event.subject.split('.')[3] ?? '',
  };
};

/** One event in OCSF 1.6.0. */
export const toOcsf = (event: ExportedEvent): string => {
  const inClass = classOf(event);
  const activity = activityOf(event, inClass.class_uid);
  const document = envelopeOf(event);
  return JSON.stringify({
    ...activity,
    ...inClass,
    type_uid: inClass.class_uid * 100 + activity.activity_id,
    ...WEIGHT[weightOf(event)],
    time: millisOf(event),
    metadata: metadata(event),
    unmapped: { digest: event.digest, kid: document.kid, data: document.data },
  });
};

/** OCSF, one event a line. */
export const ocsf: ExportFormat = lineFormat('ocsf', 'application/x-ndjson', 'ocsf.jsonl', toOcsf);
