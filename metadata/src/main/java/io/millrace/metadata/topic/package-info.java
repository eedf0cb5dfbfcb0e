/** Topics and their settings. */
@NullMarked
package io.millrace.metadata.topic;

import org.jspecify.annotations.NullMarked;
