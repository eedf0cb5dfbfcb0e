package io.millrace.cli.terminal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * The subcommands of a command by name. Only those that the arguments may need are created: reading
 * the annotations of all of them would take most of the time of a short run.
 */
public final class Subcommands {

    private final Map<String, Function<List<String>, Object>> all = new LinkedHashMap<>();

    /**
     * @param name the name in the annotation of {@code command}
     */
    public Subcommands add(String name, Supplier<Object> command) {
        return addGroup(name, rest -> command.get());
    }

    /**
     * @param group creates the command from the arguments that follow its name
     */
    public Subcommands addGroup(String name, Function<List<String>, Object> group) {
        all.put(name, group);
        return this;
    }

    /**
     * Adds to {@code line} the subcommand that the first argument names, or all if it names none.
     */
    public CommandLine addTo(CommandLine line, List<String> arguments) {
        @Nullable Function<List<String>, Object> named =
                arguments.isEmpty() ? null : all.get(arguments.getFirst());
        if (named != null) {
            return line.addSubcommand(named.apply(arguments.subList(1, arguments.size())));
        }
        all.values().forEach(each -> line.addSubcommand(each.apply(List.of())));
        return line;
    }
}
