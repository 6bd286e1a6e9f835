/** The four owners of library state; each takes rules, or only how to create the value. */
import type { Kernel } from "./kernel.ts";
import type { AddressSpace } from "./mm/address-space.ts";
import type { Process } from "./process.ts";
import { Slot, type SlotRules } from "./slots.ts";
import type { Task } from "./task.ts";

type RulesOrCreate<Owner, T> = SlotRules<Owner, T> | ((owner: Owner) => T);

function slot<Owner, T>(rules: RulesOrCreate<Owner, T>): Slot<Owner, T> {
  return new Slot(typeof rules === "function" ? { create: rules } : rules);
}

export const perTask = <T>(rules: RulesOrCreate<Task, T>): Slot<Task, T> => slot(rules);
export const perProcess = <T>(rules: RulesOrCreate<Process, T>): Slot<Process, T> => slot(rules);
/** Replaced with the address space at execve(2): no exec rule is called, but `exit` is. */
export const perAddressSpace = <T>(rules: RulesOrCreate<AddressSpace, T>): Slot<AddressSpace, T> => slot(rules);
export const perKernel = <T>(rules: RulesOrCreate<Kernel, T>): Slot<Kernel, T> => slot(rules);
