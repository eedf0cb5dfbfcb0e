package io.millrace.server;

import io.millrace.server.settings.Setting;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace up}: starts a standalone server. */
@Command(
        name = "up",
        description = "Start a server: ingest node, fetch node and metadata in one process.",
        footer = {"", "docs/configuration.md lists all settings and the other ways to set them."},
        sortOptions = false)
final class UpCommand implements Callable<Integer> {

    @Option(names = "--data", paramLabel = "DIR", description = "Folder of the metadata log.")
    @Nullable String data;

    @Mixin ServerOptions options;

    @Override
    public Integer call() {
        ServerOptions.setProperty(Setting.DATA, data);
        options.setProperties();
        return ServerApplication.launch(ServerApplication.Kind.UP);
    }
}
