package io.millrace.server.node;

import io.millrace.metadata.feature.FeatureLevels;

/**
 * The version of the program that a node runs.
 *
 * @param name the name that operators see, such as 0.1.0; may be empty
 * @param levels the feature levels that the program supports
 */
public record NodeVersion(String name, FeatureLevels levels) {

    /** Returns the version of this code. */
    public static NodeVersion named(String name) {
        return new NodeVersion(name, FeatureLevels.ALL);
    }
}
