// Asks the server about data: which are used, what a prune by them will take, what edits did on them.
import { get, post } from './client';
import type {
  ChosenPath, DataRequest, DataState, Evaluation, Foresight, LevelsRequest, MadeLevels, PruneRequest, Sensitivity, SweepRequest,
} from './schema';

export const dataApi = {
  data: () => get<DataState>('/api/data'),
  use: (request: DataRequest) => post<DataState>('/api/data', request),
  dialog: (folder: boolean) => post<ChosenPath>('/api/data-dialog', { folder }),
  /** `timed`: also how long it takes, which takes its time. */
  foresight: (request: PruneRequest, timed: boolean, stop: AbortSignal) => post<Foresight>('/api/foresight', { ...request, timed }, stop),
  /** What is known already of the model as it is now; null: nothing. */
  evaluation: (stop?: AbortSignal) => get<Evaluation | null>('/api/evaluation', stop),
  sensitivity: () => get<Sensitivity | null>('/api/sensitivity'),
  sweep: (request: SweepRequest) => post<Sensitivity>('/api/sensitivity', request),
  levels: (goal: LevelsRequest) => post<MadeLevels>('/api/sensitivity/levels', goal),
  evaluate: (layers: boolean) => post<Evaluation>('/api/evaluation', { layers }),
};
