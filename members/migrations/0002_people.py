"""All else that is known of people, and the record."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import members.models.audit
import members.models.data_export
import modelcluster.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0001_initial"),
        # After all that others bring: each migration that comes after ours costs the more, the more models there are.
        ("account", "0009_emailaddress_unique_primary_email"),
        ("django_tasks_database", "0021_conditional_partial_index_ordering"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
        ("taggit", "0006_rename_taggeditem_content_type_object_id_taggit_tagg_content_8fc721_idx"),
        ("usersessions", "0001_initial"),
        ("wagtailadmin", "0006_formstate"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtaildocs", "0014_alter_document_file_size"),
        ("wagtailforms", "0005_alter_formsubmission_form_data"),
        ("wagtailimages", "0027_image_description"),
        ("wagtailredirects", "0008_add_verbose_name_plural"),
        ("wagtailsearch", "0010_add_text_fields"),
        ("wagtailusers", "0015_userprofile_keyboard_shortcuts"),
    ]

    operations = [
        migrations.CreateModel(
            name='ErasedPerson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField(unique=True, verbose_name='account number')),
                ('mark', models.CharField(max_length=64)),
                ('member_number', models.PositiveIntegerField(blank=True, null=True, unique=True, verbose_name='membership number')),
                ('keeps_name', models.BooleanField(default=False)),
                ('erased_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='JoiningSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('applications_are_open', models.BooleanField(default=True, help_text='Otherwise the page says that applications are closed at present.', verbose_name='people may apply')),
                ('introduction', models.TextField(blank=True, help_text='Whom the association takes, and how long an answer takes. An empty line begins a paragraph.', max_length=2000, verbose_name='text above the form')),
                ('consent_text', models.TextField(default='I agree that the association keeps what I have written here, and uses it for whatever belongs to my membership.', help_text='Stands beside a box to tick. The words and the moment are kept with each application.', max_length=500, verbose_name='what applicants agree to')),
                ('invitations_are_open', models.BooleanField(default=True, help_text='Otherwise nobody is invited, and invitations that were sent wait until this is ticked again.', verbose_name='invitations are good')),
                ('invitation_days', models.PositiveSmallIntegerField(default=30, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(365)], verbose_name='days that an invitation is good for')),
            ],
            options={
                'verbose_name': 'Joining',
            },
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, unique=True)),
                ('abbreviation', models.CharField(blank=True, help_text='As people say it: “NaCTSO”.', max_length=30)),
                ('website', models.URLField(blank=True)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='RecordHead',
            fields=[
                ('place', models.BigIntegerField(primary_key=True, serialize=False)),
                ('at', models.CharField(max_length=27)),
                ('hash', models.CharField(max_length=64)),
                ('site', models.CharField(max_length=300)),
                ('key', models.CharField(max_length=64)),
                ('signature', models.CharField(max_length=128)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='HeadToLeave',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('where', models.CharField(max_length=500)),
                ('head', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='members.recordhead')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('head', 'where'), name='head_is_left_once')],
            },
        ),
        migrations.CreateModel(
            name='AccessRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('action', models.CharField(choices=[('opened', "Opened a paper's page"), ('read', 'Read a paper online'), ('downloaded', 'Downloaded a paper'), ('refused', 'Was refused a paper'), ('failed', 'A paper could not be delivered'), ('uploaded', 'Uploaded a paper'), ('replaced', "Replaced a paper's file"), ('changed', "Changed a paper's details"), ('asked_first', 'Was asked for something before a paper left'), ('terms_accepted', 'Accepted the handling terms of a paper'), ('terms_declined', 'Did not accept the handling terms of a paper'), ('terms_changed', 'Changed the handling terms'), ('copy_traced', 'Traced a stamped copy'), ('withdrawn', 'Withdrew a paper'), ('restored', 'Brought a paper back'), ('inspected', 'A file was inspected'), ('released', 'Released a file from quarantine'), ('rescanned', 'Had files scanned again'), ('deleted', 'Deleted a paper'), ('destroyed', "A paper's file was destroyed"), ('folder_changed', "Changed a folder's settings"), ('orphans_removed', 'Removed stored files that belonged to nothing'), ('contributed', 'Brought a paper for review'), ('contribution_accepted', "Took in a member's paper"), ('contribution_declined', "Did not take in a member's paper"), ('acknowledged', 'Confirmed having read a paper'), ('reminded', 'Reminded members to confirm a paper'), ('audience_changed', "Changed a folder's audience"), ('membership_approved', 'Approved a membership'), ('membership_suspended', 'Suspended a membership'), ('membership_reinstated', 'Reinstated a membership'), ('membership_extended', 'Extended a membership'), ('membership_changed', "Changed a membership's details"), ('membership_ended', 'Ended a membership early'), ('membership_resigned', 'Resigned a membership'), ('membership_lapsed', 'A membership lapsed'), ('membership_imported', 'Brought in a membership from a file'), ('level_changed', 'Changed what a level of membership gives'), ('members_imported', 'Imported a register of members'), ('members_exported', 'Exported the list of members'), ('application_received', 'Applied for membership'), ('application_taken_up', 'Took up an application'), ('application_noted', 'Wrote a note on an application'), ('application_asked', 'Asked an applicant for more'), ('application_answered', 'Answered about an application'), ('application_declined', 'Declined an application'), ('application_withdrawn', 'Withdrew an application'), ('invited', 'Invited somebody'), ('invitation_sent_again', 'Sent an invitation again'), ('invitation_revoked', 'Revoked an invitation'), ('invitation_accepted', 'Accepted an invitation'), ('groups_changed', "Changed a person's groups"), ('group_changed', 'Changed what a group may do'), ('group_deleted', 'Deleted a group'), ('account_changed', 'Changed what an account is'), ('signed_in', 'Signed in'), ('sign_in_failed', 'Tried to sign in'), ('session_ended', 'Signed a device out'), ('factor_added', 'Added a second step or a passkey'), ('factor_removed', 'Removed a second step or a passkey'), ('codes_renewed', 'Made new recovery codes'), ('password_changed', 'Changed the password'), ('email_changed', 'Changed the e-mail address'), ('comment_written', 'Wrote a comment'), ('comment_changed', 'Changed a comment'), ('comment_withdrawn', 'Withdrew a comment'), ('comment_reported', 'Reported a comment'), ('comment_approved', 'Let a comment appear'), ('comment_removed', 'Took a comment down'), ('report_exported', 'Exported a report on papers'), ('messages_exported', 'Exported the messages of a contact page'), ('record_exported', 'Exported the access record'), ('details_changed', 'Changed own details'), ('directory_changed', 'Changed own directory entry'), ('organisation_decided', "Decided about a member's organisation"), ('data_asked', 'Asked for everything kept about oneself'), ('data_fetched', 'Fetched everything kept about oneself'), ('leaving_asked', "Asked that a person's data be erased"), ('leaving_withdrawn', 'Came back before the erasure'), ('person_erased', 'Erased a person'), ('work_run_again', 'Had failed work done again'), ('work_dismissed', 'Dismissed failed work')], max_length=30)),
                ('object_kind', models.CharField(blank=True, max_length=30)),
                ('object_id', models.CharField(blank=True, max_length=64)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('details', models.JSONField(default=dict)),
                ('content', models.CharField(editable=False, max_length=64)),
                ('actor', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['object_kind', 'object_id'], name='members_acc_object__18850a_idx'), models.Index(fields=['actor', 'at'], name='members_acc_actor_i_38935b_idx'), models.Index(fields=['action', 'at'], name='record_by_action')],
            },
        ),
        migrations.CreateModel(
            name='AccessLink',
            fields=[
                ('place', models.BigIntegerField(primary_key=True, serialize=False)),
                ('at', models.CharField(help_text='In UTC, to the microsecond; never before the link before it.', max_length=27)),
                ('hash', models.CharField(max_length=64)),
                ('row', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='link', to='members.accessrecord')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Application',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('unconfirmed', 'E-mail address not confirmed'), ('new', 'Received'), ('review', 'Being looked at'), ('asked', 'More information asked'), ('approved', 'Approved'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn by the applicant')], default='unconfirmed', max_length=12)),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                ('first_name', models.CharField(max_length=150)),
                ('last_name', models.CharField(max_length=150)),
                ('organisation_name', models.CharField(blank=True, max_length=200, verbose_name='organisation')),
                ('role', models.CharField(blank=True, max_length=100)),
                ('why', models.TextField(max_length=2000)),
                ('answers', models.JSONField(default=list, help_text='Pairs of a question, as it was asked, and the answer in words.')),
                ('consent_text', models.CharField(max_length=500)),
                ('consented_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('applied_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='applied')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided')),
                ('code_digest', models.CharField(blank=True, max_length=64)),
                ('code_good_until', models.DateTimeField(default=django.utils.timezone.now)),
                ('code_attempts', models.PositiveSmallIntegerField(default=0)),
                ('codes_sent', models.PositiveSmallIntegerField(default=0)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='applications', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-applied_at'],
                'indexes': [models.Index(fields=['state', 'applied_at'], name='members_app_state_4df87e_idx'), models.Index(fields=['email'], name='members_app_email_ccf929_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state', 'unconfirmed'), models.Q(('code_digest', ''), ('user__isnull', False)), _connector='OR'), name='application_that_is_confirmed_is_somebodys'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', False), ('state__in', ('approved', 'declined'))), models.Q(models.Q(('state__in', ('approved', 'declined')), _negated=True), ('decided_at', None)), _connector='OR'), name='application_that_is_decided_has_a_time'), models.UniqueConstraint(condition=models.Q(('state__in', ('new', 'review', 'asked'))), fields=('user',), name='one_open_application_for_each_person')],
            },
        ),
        migrations.CreateModel(
            name='ApplicationEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('note', 'Note'), ('question', 'Question to the applicant'), ('answer', "The applicant's answer"), ('letter', 'Mail with the decision')], max_length=8)),
                ('text', models.TextField()),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='members.application')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='DataExport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('waiting', 'Being made'), ('ready', 'Ready')], default='waiting', max_length=10)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('made_at', models.DateTimeField(blank=True, null=True)),
                ('file', models.FileField(blank=True, max_length=200, upload_to=members.models.data_export.new_key)),
                ('size', models.PositiveBigIntegerField(default=0, help_text='Bytes.')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='data_exports', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('user',), name='one_data_export_in_the_making'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'ready'), _negated=True), models.Q(('made_at__isnull', False), models.Q(('file', ''), _negated=True)), _connector='OR'), name='ready_data_export_has_its_file')],
            },
        ),
        migrations.CreateModel(
            name='ApplicationQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort_order', models.IntegerField(blank=True, editable=False, null=True)),
                ('clean_name', models.CharField(blank=True, default='', help_text='Safe name of the form field, the label converted to ascii_snake_case', max_length=255, verbose_name='name')),
                ('label', models.CharField(help_text='The label of the form field', max_length=255, verbose_name='label')),
                ('required', models.BooleanField(default=True, verbose_name='required')),
                ('default_value', models.TextField(blank=True, help_text='Default value. Comma or new line separated values supported for checkboxes.', verbose_name='default value')),
                ('help_text', models.CharField(blank=True, max_length=255, verbose_name='help text')),
                ('field_type', models.CharField(choices=[('singleline', 'One line of text'), ('multiline', 'Several lines of text'), ('email', 'E-mail address'), ('number', 'Number'), ('date', 'Day'), ('checkbox', 'One box to tick'), ('checkboxes', 'Several boxes to tick'), ('radio', 'One of several, all shown'), ('dropdown', 'One of several, in a list')], max_length=16, verbose_name='kind')),
                ('choices', models.TextField(blank=True, help_text='For boxes and lists: what there is to choose from, one a line.', max_length=4000)),
                ('joining', modelcluster.fields.ParentalKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='members.joiningsettings')),
            ],
            options={
                'verbose_name': 'question to applicants',
                'verbose_name_plural': 'questions to applicants',
                'ordering': ['sort_order'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='MemberImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_name', models.CharField(max_length=200)),
                ('text', models.TextField(blank=True)),
                ('delimiter', models.CharField(default=',', max_length=1)),
                ('note', models.CharField(blank=True, help_text='What was noticed while the file was read.', max_length=200)),
                ('columns', models.JSONField(default=dict, help_text='Which column of the file holds what, by its place.')),
                ('options', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('assigning', 'Columns are being assigned'), ('checking', 'Being checked'), ('refused', 'Has problems: nothing was imported'), ('checked', 'Checked: nothing has been imported yet'), ('importing', 'Being imported'), ('done', 'Imported')], default='assigning', max_length=10)),
                ('report', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), models.Q(('done_at__isnull', False), ('text', '')), _connector='OR'), name='finished_import_has_a_time_and_no_text')],
            },
        ),
        migrations.CreateModel(
            name='MembershipLevel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True)),
                ('order', models.PositiveSmallIntegerField(default=0, help_text='Lower numbers stand first.')),
                ('grace_days', models.PositiveSmallIntegerField(default=0, help_text='For so many days after the last day of a membership the person stays a current member.', validators=[django.core.validators.MaxValueValidator(366)], verbose_name='days of grace')),
                ('group', models.ForeignKey(blank=True, help_text='Folders and pages that are open to this group are open to current members of the level. Empty: a group is made for the level.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='levels', to='auth.group')),
            ],
            options={
                'ordering': ['order', 'name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('grace_days__lte', 366)), name='level_gives_a_year_of_grace_at_most')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(blank=True, null=True, unique=True, verbose_name='membership number')),
                ('decision', models.CharField(choices=[('pending', 'Waiting for approval'), ('approved', 'Approved'), ('suspended', 'Suspended'), ('resigned', 'Resigned')], default='pending', max_length=12)),
                ('applied_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('starts_on', models.DateField(blank=True, null=True, verbose_name='member since')),
                ('expires_on', models.DateField(blank=True, help_text='The last day. Empty: no end.', null=True, verbose_name='member until')),
                ('reason', models.CharField(blank=True, help_text='The person reads this sentence after signing in.', max_length=200, verbose_name='reason for suspension')),
                ('ended_early', models.BooleanField(default=False, editable=False, help_text='Somebody decided the end: no grace follows, and no reminders go out.')),
                ('reminded_days', models.PositiveSmallIntegerField(editable=False, null=True)),
                ('lapse_is_noted', models.BooleanField(default=False, editable=False)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='membership', to=settings.AUTH_USER_MODEL, verbose_name='name')),
                ('level', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='members.membershiplevel')),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='members.organisation')),
            ],
            options={
                'ordering': ['user__last_name', 'user__first_name'],
                'indexes': [models.Index(fields=['decision', 'expires_on'], name='members_mem_decisio_c036b8_idx'), models.Index(condition=models.Q(('lapse_is_noted', False)), fields=['expires_on'], name='membership_lapse_to_be_noted')],
                'constraints': [models.CheckConstraint(condition=models.Q(('expires_on', None), ('starts_on', None), ('expires_on__gte', models.F('starts_on')), _connector='OR'), name='membership_ends_after_it_starts', violation_error_message='A membership cannot end before it starts.'), models.CheckConstraint(condition=models.Q(('decision', 'pending'), models.Q(('number__isnull', False), ('starts_on__isnull', False)), _connector='OR'), name='membership_has_number_and_start_once_decided')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                ('first_name', models.CharField(blank=True, max_length=150)),
                ('last_name', models.CharField(blank=True, max_length=150)),
                ('message', models.TextField(blank=True, max_length=2000, verbose_name='personal message')),
                ('expires_on', models.DateField(blank=True, help_text='The last day. Empty: no end.', null=True, verbose_name='member until')),
                ('state', models.CharField(choices=[('open', 'Sent'), ('accepted', 'Accepted'), ('revoked', 'Revoked')], default='open', max_length=8)),
                ('token_digest', models.CharField(max_length=64, unique=True)),
                ('good_until', models.DateTimeField()),
                ('times_sent', models.PositiveSmallIntegerField(default=0)),
                ('invited_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='invited')),
                ('accepted_at', models.DateTimeField(blank=True, null=True, verbose_name='accepted')),
                ('consent_text', models.CharField(blank=True, max_length=500)),
                ('invited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to=settings.AUTH_USER_MODEL)),
                ('level', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='members.membershiplevel')),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='members.organisation')),
            ],
            options={
                'ordering': ['-invited_at', '-pk'],
                'indexes': [models.Index(fields=['state', 'good_until'], name='members_inv_state_4d7ad7_idx')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('email',), name='one_open_invitation_for_each_address'), models.CheckConstraint(condition=models.Q(models.Q(('accepted_at__isnull', False), ('state', 'accepted'), ('user__isnull', False)), models.Q(models.Q(('state', 'accepted'), _negated=True), ('accepted_at', None), ('user', None)), _connector='OR'), name='invitation_that_is_accepted_has_its_person')],
            },
        ),
        migrations.CreateModel(
            name='OutgoingMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('occasion', models.CharField(max_length=200, unique=True)),
                ('address', models.EmailField(blank=True, help_text='Empty once the mail is old.', max_length=254)),
                ('reply_to', models.EmailField(blank=True, max_length=254)),
                ('subject', models.CharField(max_length=250)),
                ('text', models.TextField(blank=True)),
                ('headers', models.JSONField(blank=True, default=dict)),
                ('to_many', models.BooleanField(default=False, help_text='One of many that are sent together.')),
                ('state', models.CharField(choices=[('waiting', 'Waiting to be sent'), ('put off', 'Put off, since the mail server asked for patience'), ('sending', 'Being sent, or broken off while it was'), ('sent', 'Sent'), ('refused', 'Refused by the mail server')], default='waiting', max_length=10)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('trouble', models.CharField(blank=True, help_text='What the mail server said.', max_length=200)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mails', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['state', 'created_at'], name='members_out_state_75d417_idx'), models.Index(condition=models.Q(('state', 'refused')), fields=['address'], name='refused_addresses')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'sent'), _negated=True), models.Q(('sent_at__isnull', False), ('text', '')), _connector='OR'), name='sent_mail_has_a_time_and_no_words')],
            },
        ),
        migrations.CreateModel(
            name='Profile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(blank=True, max_length=100)),
                ('phone', models.CharField(blank=True, max_length=40)),
                ('about', models.CharField(blank=True, max_length=200)),
                ('organisation_asked', models.CharField(blank=True, help_text='As the person typed it; the membership secretary confirms it.', max_length=200)),
                ('is_listed', models.BooleanField(default=False)),
                ('shows_organisation', models.BooleanField(default=False)),
                ('shows_role', models.BooleanField(default=False)),
                ('shows_email', models.BooleanField(default=False)),
                ('shows_phone', models.BooleanField(default=False)),
                ('shows_about', models.BooleanField(default=False)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='profile', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['is_listed', 'user'], name='members_pro_is_list_e2586b_idx')],
            },
        ),
        migrations.CreateModel(
            name='RecordedWords',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=500)),
                ('salt', models.CharField(default=members.models.audit.new_salt, max_length=32)),
                ('about', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('row', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='said', to='members.accessrecord')),
            ],
        ),
    ]
