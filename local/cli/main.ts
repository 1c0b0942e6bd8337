import { Command } from "commander";
import { kubectl, pulumi } from "./pass-through";
import { logs } from "./logs";
import { prepare } from "./prepare";
import { reset } from "./reset";
import { start } from "./start";
import { status } from "./status";
import { stop } from "./stop";

const program = new Command("recommender")
  .description("A Scaleway of your own on this machine, and the recommender platform on it.")
  .showHelpAfterError();

program
  .command("start")
  .description("bring everything up, train the recommender and recommend something")
  .addHelpText(
    "after",
    "\nBOOKS_DATA=<file> npm start     trains on a Book-Crossing zip or a MovieLens .tab file of yours, also from then on" +
      "\nBOOKS_DATA=default npm start    goes back to what is trained on without one",
  )
  .action(start);
program.command("stop").description("end everything and leave the machine as it was; data stay").action(stop);
program.command("status").description("what runs, and where it answers").action(status);
program
  .command("logs [component]")
  .description("the log of a component, or the names of all")
  .option("-f, --follow", "go on with what is logged from now on")
  .option("-n, --lines <count>", "how many of the last lines", "200")
  .action(logs);
program
  .command("reset")
  .description("stop, and delete every datum of the local Scaleway; built tools and images stay")
  .action(reset);
program.command("prepare").description("build and install what the local stack runs on, and no more").action(prepare);
program
  .command("pulumi")
  .description("any pulumi command, on the local Scaleway")
  .allowUnknownOption()
  .helpOption(false)
  .argument("[args...]")
  .action(pulumi);
program
  .command("kubectl")
  .description("any kubectl command, on the local cluster")
  .allowUnknownOption()
  .helpOption(false)
  .argument("[args...]")
  .action(kubectl);

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  // Builds that go on beside a failure have nobody to build for.
  process.exit(1);
});
