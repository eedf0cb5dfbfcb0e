/** Configuration: the settings of a server, with defaults and validation. */
@NullMarked
package io.millrace.server.settings;

import org.jspecify.annotations.NullMarked;
