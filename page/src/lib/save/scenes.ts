/** The images that a map is made of, as the catalogue tells them. */
import { Refused, type View } from '../api.ts';
import { type Box, scenesAddress } from './addresses.ts';

export interface SceneFacts {
  id: string;
  /** ISO moment. */
  moment: string;
  platform: string | null;
  simulated: boolean;
}

interface Item {
  id: string;
  properties: Record<string, unknown>;
}

const MOST = 12;

/** The images of a day in a box, the newest first. */
export async function getScenes(view: View, box: Box | null, signal: AbortSignal): Promise<SceneFacts[]> {
  const headers = { accept: 'application/geo+json, application/json' };
  const response = await fetch(scenesAddress(view, box, MOST), { signal, headers });
  if (!response.ok) throw new Refused(response.status);
  const { features } = (await response.json()) as { features: Item[] };
  return features.map(({ id, properties }) => {
    const { datetime, platform } = properties;
    return {
      id,
      moment: typeof datetime === 'string' ? datetime : '',
      platform: typeof platform === 'string' ? platform : null,
      simulated: properties['landzicht:simulated'] === true,
    };
  });
}
