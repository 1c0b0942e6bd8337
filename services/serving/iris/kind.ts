import type { Kind } from "../kind";
import { IrisModel } from "./model";

/** The species of an iris by four lengths. */
export const iris: Kind<IrisModel> = { name: "iris", load: (files) => IrisModel.load(files) };
