/** What can be set, and how it is checked. */
@NullMarked
package io.millrace.server.settings;

import org.jspecify.annotations.NullMarked;
