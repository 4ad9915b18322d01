import { pathToFileURL } from "node:url";
import type { TaskDefinition } from "../../tasks/definition.ts";
import { inTime } from "./load.ts";
import { faultOf, TaskModuleError } from "./module_error.ts";

/**
 * Loads modules with tasks, which threads load again where they are done.
 *
 * @param paths Absolute paths.
 * @throws {TaskModuleError} One cannot be loaded, or has not what it should: with file, line where it is
 * known, and reason.
 */
export async function loadTasks(paths: readonly string[]): Promise<readonly TaskDefinition[]> {
  const tasks: TaskDefinition[] = [];
  for (const path of paths) {
    try {
      const task = await inTime(taskOf(path));
      if (tasks.some(({ name }) => name === task.name)) {
        throw new TypeError(`its task is called "${task.name}", as that of another module`);
      }
      tasks.push(task);
    } catch (error) {
      throw new TaskModuleError(path, faultOf(error, path));
    }
  }
  return tasks;
}

async function taskOf(path: string): Promise<TaskDefinition> {
  const { href } = pathToFileURL(path);
  const { default: exported }: { default?: unknown } = await import(href);
  const { name, module, run } = Object(exported) as Partial<TaskDefinition>;
  if (typeof name !== "string" || typeof run !== "function") {
    throw new TypeError("what it exports by default is no task, with a name and run()");
  }
  if (module !== href) {
    throw new TypeError("its task names another module than its own, which import.meta tells");
  }
  return exported as TaskDefinition;
}
