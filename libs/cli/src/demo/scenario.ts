// The main job, acted out on the running plane.
import type { RegistryAction } from '@writ/contracts';
import { startAgent } from './agent-process.js';
import {
  burst,
  dropAndRecreate,
  halt,
  readAndChange,
  releaseAndFinish,
  releaseLeftovers,
} from './chapters.js';
import { Sample } from './names.js';
import { productionFacts } from './production.js';
import { registerSample } from './sample.js';
import type { Stage } from './stage.js';

/** Plays it. Throws only when something does not happen at all; what comes out wrong is a failed check of the timeline. */
export const playScenario = async (stage: Stage, actions: readonly RegistryAction[]): Promise<void> => {
  const { timeline, people } = stage;
  await registerSample(people.admin, actions);
  timeline.line(
    'person',
    `${Sample.admin} registered the agent, its owner, a boundary and a gate; each is a signed event`,
  );
  await releaseLeftovers(stage);
  const start = stage.events.at(-1)?.seq ?? 0;
  const before = await productionFacts(stage.production);
  const agent = startAgent(stage);
  const drop = await readAndChange(stage, agent);
  await dropAndRecreate(stage, agent, drop, before);
  const held = await burst(stage, agent, start);
  const engaged = await halt(stage, agent, start);
  await releaseAndFinish(stage, agent, engaged, held, before);
};
