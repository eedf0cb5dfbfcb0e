package io.millrace.server;

import io.millrace.cli.admin.ClusterSubcommand;
import io.millrace.cli.terminal.CommandFailedException;
import io.millrace.cli.terminal.ExitCode;
import io.millrace.metadata.restore.RestoreRefusedException;
import io.millrace.server.backup.BackupLocation;
import io.millrace.server.node.ClusterAccess;
import io.millrace.server.node.StartFailure;
import io.millrace.server.settings.BucketAddress;
import io.millrace.server.settings.ServerSettings.InvalidSettingException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that works on the bucket of a cluster without a node. */
abstract class BucketCommand implements ClusterSubcommand, Callable<Integer> {

    @Spec CommandSpec spec;

    @Mixin BucketOptions bucket;

    @Option(names = "--help", usageHelp = true, description = "Show this help and exit.")
    boolean help;

    /** Runs the command; failures of known kinds are reported in one sentence. */
    abstract void run(CommandSettings settings, ClusterAccess access);

    @Override
    public Integer call() {
        bucket.setProperties();
        try (ClusterAccess access = new ClusterAccess()) {
            run(CommandSettings.read(), access);
            return ExitCode.DONE;
        } catch (InvalidSettingException invalid) {
            System.err.println("millrace: " + invalid.getMessage());
            return ExitCode.USAGE;
        } catch (CommandLine.ParameterException wrong) {
            throw wrong;
        } catch (RestoreRefusedException refused) {
            throw new CommandFailedException("millrace: " + refused.getMessage());
        } catch (RuntimeException failure) {
            throw new CommandFailedException("millrace: " + StartFailure.sentence(failure));
        }
    }

    static void print(String line) {
        System.out.println(line);
        System.out.flush();
    }

    /**
     * Parses the location of a backup.
     *
     * @param own the bucket of the cluster, which is no legal location
     */
    BackupLocation location(String option, @Nullable String text, BucketAddress own) {
        BackupLocation location = parse(option, text);
        if (location.isAllOf(own)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), option + " must not be the cluster's own bucket.");
        }
        return location;
    }

    private BackupLocation parse(String option, @Nullable String text) {
        try {
            return BackupLocation.parse(String.valueOf(text));
        } catch (IllegalArgumentException illegal) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "%s must be %s, not \"%s\".".formatted(option, illegal.getMessage(), text));
        }
    }
}
