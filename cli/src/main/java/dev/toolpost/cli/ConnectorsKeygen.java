package dev.toolpost.cli;

import dev.toolpost.connectors.signing.SigningKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code connectors keygen}: a key that signs connectors. */
@Command(
        name = "keygen",
        description =
                "Makes a key (Ed25519) that signs published connectors, and prints what the configuration of workers"
                        + " has to trust.")
final class ConnectorsKeygen implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            required = true,
            description = "New file for the key, for its owner alone. Whoever has it can publish connectors.")
    private Path out = Path.of("");

    @Override
    public Integer call() {
        SigningKey key;
        try {
            key = SigningKeyFile.make(out);
        } catch (IOException e) {
            throw CliException.usage("the file " + out + " cannot be written: " + e, "", e);
        }
        if (common.json()) {
            common.out()
                    .println(Json.print(Json.object()
                            .put("key_id", key.id())
                            .put("public_key", key.publicKey())
                            .put("file", out.toString())));
        } else {
            common.out().println("connectors.trusted_keys: [" + key.publicKey() + "]");
            common.err()
                    .println("Key " + key.id() + " is in " + out
                            + ". The line above belongs into the configuration of every worker; keep the file from"
                            + " everybody who may not change connectors.");
        }
        return ExitCode.OK;
    }
}
