/** The settings of a server. */
@NullMarked
package io.millrace.server.settings;

import org.jspecify.annotations.NullMarked;
