/**
 * One production host: metal-base as `pinwheel run` starts it, no shell and no login of its own, entered through its
 * admin container; and the host containers on it. What comes later finds what was done before.
 */
import { afterAll, beforeAll } from "bun:test";
import { theAdminContainer } from "./production/admin.ts";
import { theChanges, theRemoval } from "./production/changes.ts";
import { theControlContainer } from "./production/control.ts";
import { theDeclaredContainers } from "./production/declared.ts";
import { theCommands } from "./production/exec.ts";
import { theAbsentImage, theAbsentRegistry, theLateImage } from "./production/late.ts";
import { startProduction, stopProduction } from "./production/machine.ts";
import { theMounts } from "./production/mounts.ts";
import { theRestart } from "./production/restart.ts";
import { theRunCommand } from "./production/run-command.ts";
import { theSealedHost } from "./production/sealed.ts";

beforeAll(startProduction, 1_200_000);
afterAll(stopProduction, 120_000);

theRunCommand();
theDeclaredContainers();
theAbsentRegistry();
theSealedHost();
theAdminContainer();
theMounts();
theAbsentImage();
theLateImage();
theCommands(); // when nothing is pulled any more: who pulls holds descriptors of the runtime, too
theControlContainer();
theChanges();
theRemoval();
theRestart();
