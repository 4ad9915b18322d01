import { testStorage } from "./contract.ts";
import { diskSubject } from "./disk_subject.ts";

testStorage("disk", () => diskSubject());
