import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
import modelcluster.contrib.taggit
import modelcluster.fields
import modelsearch.index
import portal.blocks
import portal.models.contact
import portal.models.pictures
import taggit.managers
import wagtail.contrib.forms.models
import wagtail.contrib.routable_page.models
import wagtail.images.models
import wagtail.models.media
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('fileshare', '0002_relations'),
        ('members', '__first__'),
        ('taggit', '0006_rename_taggeditem_content_type_object_id_taggit_tagg_content_8fc721_idx'),
        ('wagtailcore', '0098_apitoken'),
    ]

    operations = [
        migrations.CreateModel(
            name='WorkerPulse',
            fields=[
                ('worker', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('began_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('beat_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('suspected_at', models.DateTimeField(help_text='When the timer first missed it.', null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Author',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('slug', models.SlugField(unique=True, verbose_name='address')),
                ('role', models.CharField(blank=True, help_text='Such as “Secretary, Exercises group”.', max_length=120)),
                ('biography', models.TextField(blank=True)),
                ('email_for_comments', models.EmailField(blank=True, help_text="Gets a mail for each new comment on this author's posts. Shown to nobody. Empty: no mail.", max_length=254, verbose_name='e-mail for comments')),
            ],
            options={
                'ordering': ['name'],
            },
            bases=(modelsearch.index.Indexed, models.Model),
        ),
        migrations.CreateModel(
            name='StandardPage',
            fields=[
                ('page_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to=settings.WAGTAIL_PAGE_MODEL)),
                ('introduction', models.TextField(blank=True, help_text='One or two sentences under the title.')),
                ('body', portal.blocks.BodyField([], blank=True)),
                ('in_footer', models.BooleanField(default=False, help_text='Whether the foot of each page links here.', verbose_name='in the footer')),
                ('public_text', models.TextField(default='', editable=False)),
            ],
            options={
                'verbose_name': 'page',
            },
            bases=('wagtailcore.page',),
        ),
        migrations.CreateModel(
            name='DailyReader',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=32, unique=True)),
                ('day', models.DateField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='HomePage',
            fields=[
                ('page_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to=settings.WAGTAIL_PAGE_MODEL)),
            ],
            options={
                'verbose_name': 'front page',
            },
            bases=('wagtailcore.page',),
        ),
        migrations.CreateModel(
            name='NewsIndexPage',
            fields=[
                ('page_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to=settings.WAGTAIL_PAGE_MODEL)),
            ],
            options={
                'verbose_name': 'news list',
            },
            bases=(wagtail.contrib.routable_page.models.RoutablePageMixin, 'wagtailcore.page'),
        ),
        migrations.CreateModel(
            name='NewsPage',
            fields=[
                ('page_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to=settings.WAGTAIL_PAGE_MODEL)),
                ('standfirst', models.TextField(help_text='One or two sentences that make people read on.', max_length=400)),
                ('published_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, help_text='The date that readers see; lists are in this order.', verbose_name='date')),
                ('cover_alt', models.CharField(blank=True, help_text='For people who do not see it. Leave empty only for mere decoration.', max_length=200, verbose_name='what the cover shows')),
                ('pinned', models.BooleanField(default=False, help_text='Keeps the post at the head of the front page.')),
                ('allows_comments', models.BooleanField(default=True, help_text='As far as the site settings allow it.', verbose_name='members may comment')),
                ('body', portal.blocks.BodyField([])),
                ('reading_minutes', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('paper_ids', models.JSONField(default=list, editable=False)),
                ('is_members_only', models.BooleanField(default=False, editable=False)),
                ('public_text', models.TextField(default='', editable=False)),
                ('month', models.DateField(db_index=True, default=django.utils.timezone.localdate, editable=False)),
            ],
            options={
                'verbose_name': 'post',
            },
            bases=('wagtailcore.page',),
        ),
        migrations.CreateModel(
            name='PostTag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('slug', models.SlugField(allow_unicode=True, max_length=100, unique=True, verbose_name='slug')),
            ],
            options={
                'verbose_name': 'tag of posts',
                'verbose_name_plural': 'tags of posts',
            },
        ),
        migrations.CreateModel(
            name='Topic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('slug', models.SlugField(help_text="The word in the topic's web address.", unique=True, verbose_name='address')),
                ('description', models.TextField(blank=True, help_text="One sentence, shown above the topic's posts.")),
                ('order', models.PositiveSmallIntegerField(default=100, help_text='Lower numbers stand first.')),
            ],
            options={
                'ordering': ['order', 'name'],
            },
            bases=(modelsearch.index.Indexed, models.Model),
        ),
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=4000)),
                ('state', models.CharField(choices=[('held', 'Waiting for review'), ('appeared', 'On the site'), ('removed', 'Taken down'), ('withdrawn', 'Withdrawn by its author')], default='held', max_length=10)),
                ('held_because', models.CharField(blank=True, max_length=200)),
                ('removed_because', models.CharField(blank=True, help_text='The author reads it.', max_length=200)),
                ('wants_mail', models.BooleanField(default=False, verbose_name='mail about answers')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='written')),
                ('edited_at', models.DateTimeField(blank=True, null=True, verbose_name='changed')),
                ('mailed_at', models.DateTimeField(editable=False, null=True)),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='comments', to=settings.AUTH_USER_MODEL)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='portal.comment')),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='portal.newspage')),
            ],
            options={
                'ordering': ['created_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='ContactPage',
            fields=[
                ('standardpage_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='portal.standardpage')),
                ('receivers', models.TextField(blank=True, help_text='Each message goes to these addresses, one a line. Empty: messages are kept on the site alone.', max_length=2000, validators=[portal.models.contact.check_receivers])),
                ('thank_you_text', models.TextField(default='Your message has reached us.', help_text='What people read once they have sent the form: who answers, and how soon.', max_length=1000, verbose_name='thank-you text')),
            ],
            options={
                'verbose_name': 'contact page',
            },
            bases=(wagtail.contrib.forms.models.FormMixin, 'portal.standardpage'),
        ),
        migrations.CreateModel(
            name='EdgeCopy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(max_length=500)),
                ('version', models.CharField(max_length=32)),
                ('purged_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name_plural': 'edge copies',
                'constraints': [models.UniqueConstraint(fields=('version', 'address'), name='one_copy_an_address_a_version')],
            },
        ),
        migrations.CreateModel(
            name='Picture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=255, verbose_name='title')),
                ('description', models.CharField(blank=True, default='', max_length=255, verbose_name='description')),
                ('width', models.IntegerField(editable=False, verbose_name='width')),
                ('height', models.IntegerField(editable=False, verbose_name='height')),
                ('created_at', models.DateTimeField(auto_now_add=True, db_index=True, verbose_name='created at')),
                ('focal_point_x', models.PositiveIntegerField(blank=True, null=True)),
                ('focal_point_y', models.PositiveIntegerField(blank=True, null=True)),
                ('focal_point_width', models.PositiveIntegerField(blank=True, null=True)),
                ('focal_point_height', models.PositiveIntegerField(blank=True, null=True)),
                ('file_size', models.PositiveIntegerField(editable=False, null=True)),
                ('file_hash', models.CharField(blank=True, db_index=True, editable=False, max_length=40)),
                ('file', models.ImageField(height_field='height', storage=portal.models.pictures.public_storage, upload_to=portal.models.pictures.original_path, verbose_name='file', width_field='width')),
                ('collection', models.ForeignKey(default=wagtail.models.media.get_root_collection_id, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='wagtailcore.collection', verbose_name='collection')),
                ('tags', taggit.managers.TaggableManager(blank=True, help_text=None, through='taggit.TaggedItem', to='taggit.Tag', verbose_name='tags')),
                ('uploaded_by_user', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='uploaded by user')),
            ],
            options={
                'verbose_name': 'picture',
                'permissions': [('choose_picture', 'Can choose picture')],
                'abstract': False,
            },
            bases=(wagtail.images.models.ImageFileMixin, modelsearch.index.Indexed, models.Model),
        ),
        migrations.AddField(
            model_name='newspage',
            name='cover',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='portal.picture'),
        ),
        migrations.CreateModel(
            name='PictureRendition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('filter_spec', models.CharField(db_index=True, max_length=255)),
                ('width', models.IntegerField(editable=False)),
                ('height', models.IntegerField(editable=False)),
                ('focal_point_key', models.CharField(blank=True, default='', editable=False, max_length=16)),
                ('file', models.ImageField(height_field='height', storage=portal.models.pictures.public_storage, upload_to=portal.models.pictures.rendition_path, width_field='width')),
                ('image', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='renditions', to='portal.picture')),
            ],
            bases=(wagtail.images.models.ImageFileMixin, models.Model),
        ),
        migrations.CreateModel(
            name='PostAuthor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('published_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='portal.author')),
                ('newspage', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='by_authors', to='portal.newspage')),
            ],
        ),
        migrations.AddField(
            model_name='newspage',
            name='authors',
            field=modelcluster.fields.ParentalManyToManyField(blank=True, related_name='news_posts', through='portal.PostAuthor', to='portal.author'),
        ),
        migrations.CreateModel(
            name='SiteSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation_name', models.CharField(default='Gatehouse', help_text='Stands at the top of each page.', max_length=120)),
                ('strapline', models.CharField(blank=True, help_text='Whom the association is for, in one sentence.', max_length=200)),
                ('contact_email', models.EmailField(blank=True, help_text='Members and applicants write to this address.', max_length=254)),
                ('membership_text', models.TextField(blank=True, help_text='How to join, in two or three sentences.')),
                ('footer_text', models.CharField(blank=True, help_text="One line, such as the name and the charity's number.", max_length=200)),
                ('social_links', portal.blocks.BodyField([], blank=True, help_text='Where else the association can be found; the foot of each page links there.', verbose_name='pages elsewhere')),
                ('comments_are_open', models.BooleanField(default=True, help_text='Each post can still be closed to comments by itself.', verbose_name='members may comment')),
                ('comment_readers', models.CharField(choices=[('everybody', 'Everybody who may read the post'), ('members', 'Members only')], default='everybody', help_text='Comments on a post that goes on for members are for members, whatever is chosen here.', max_length=10, verbose_name='who reads comments')),
                ('hold_first_comment', models.BooleanField(default=True, help_text='It waits until somebody lets it appear.', verbose_name="hold a member's first comment")),
                ('hold_links', models.BooleanField(default=True, help_text='They wait as well, whoever writes them.', verbose_name='hold comments with links')),
                ('hold_words', models.TextField(blank=True, help_text='One word or phrase a line.', max_length=4000, verbose_name='hold comments with these words')),
                ('comments_close_after', models.PositiveSmallIntegerField(blank=True, help_text="Counted from the post's date. Empty: they stay open.", null=True, verbose_name='days until comments close')),
                ('logo', models.ForeignKey(blank=True, help_text='A square picture beside the name. Empty: the gatehouse mark.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='portal.picture')),
                ('site', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.CASCADE, to='wagtailcore.site')),
            ],
            options={
                'verbose_name': 'Site settings',
            },
        ),
        migrations.CreateModel(
            name='TaggedPost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('published_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('content_object', modelcluster.fields.ParentalKey(on_delete=django.db.models.deletion.CASCADE, related_name='tagged', to='portal.newspage')),
                ('tag', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tagged', to='portal.posttag')),
            ],
            options={
                'verbose_name': 'tag of a post',
                'verbose_name_plural': 'tags of a post',
            },
        ),
        migrations.AddField(
            model_name='newspage',
            name='tags',
            field=modelcluster.contrib.taggit.ClusterTaggableManager(blank=True, help_text='A comma-separated list of tags.', through='portal.TaggedPost', to='portal.PostTag', verbose_name='Tags'),
        ),
        migrations.CreateModel(
            name='PostTopic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('published_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('newspage', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='of_topics', to='portal.newspage')),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='portal.topic')),
            ],
        ),
        migrations.AddField(
            model_name='newspage',
            name='topics',
            field=modelcluster.fields.ParentalManyToManyField(blank=True, related_name='news_posts', through='portal.PostTopic', to='portal.topic'),
        ),
        migrations.CreateModel(
            name='CommentReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=300)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='portal.comment')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('comment', 'by'), name='one_report_a_member')],
            },
        ),
        migrations.CreateModel(
            name='ContactField',
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
                ('page', modelcluster.fields.ParentalKey(on_delete=django.db.models.deletion.CASCADE, related_name='form_fields', to='portal.contactpage')),
            ],
            options={
                'verbose_name': 'field of a contact page',
                'verbose_name_plural': 'fields of contact pages',
                'ordering': ['sort_order'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DailyReads',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(db_index=True)),
                ('reads', models.PositiveIntegerField(default=0)),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='daily_reads', to='portal.newspage')),
            ],
            options={
                'verbose_name_plural': 'daily reads',
                'constraints': [models.UniqueConstraint(fields=('post', 'day'), name='one_count_a_post_a_day')],
            },
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(fields=['post', 'created_at'], name='comments_of_a_post'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(fields=['state', 'created_at'], name='comments_by_state'),
        ),
        migrations.AddConstraint(
            model_name='comment',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['held', 'appeared', 'removed', 'withdrawn'])), name='comment_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='comment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'removed'), _negated=True), models.Q(('removed_because', ''), _negated=True), _connector='OR'), name='comment_taken_down_for_a_reason'),
        ),
        migrations.AlterUniqueTogether(
            name='picturerendition',
            unique_together={('image', 'filter_spec', 'focal_point_key')},
        ),
        migrations.AddField(
            model_name='comment',
            name='signed_as',
            field=models.CharField(blank=True, help_text='The name of an author who has left and wished that it stays.', max_length=301),
        ),
        migrations.AddIndex(
            model_name='postauthor',
            index=models.Index(fields=['author', 'published_at', 'newspage'], name='posts_of_an_author'),
        ),
        migrations.AddConstraint(
            model_name='postauthor',
            constraint=models.UniqueConstraint(fields=('newspage', 'author'), name='author_once_a_post'),
        ),
        migrations.AddIndex(
            model_name='taggedpost',
            index=models.Index(fields=['tag', 'published_at', 'content_object'], name='posts_with_a_tag'),
        ),
        migrations.AddIndex(
            model_name='posttopic',
            index=models.Index(fields=['topic', 'published_at', 'newspage'], name='posts_of_a_topic'),
        ),
        migrations.AddConstraint(
            model_name='posttopic',
            constraint=models.UniqueConstraint(fields=('newspage', 'topic'), name='topic_once_a_post'),
        ),
        migrations.AddIndex(
            model_name='newspage',
            index=models.Index(condition=models.Q(('pinned', True)), fields=['published_at'], name='pinned_posts'),
        ),
        migrations.CreateModel(
            name='Listener',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='listener', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('stopped_at', models.DateTimeField(help_text='Since when the person wants no such mail at all.', null=True)),
                ('heard_since', models.DateTimeField(null=True)),
                ('feed_key', models.CharField(blank=True, help_text="Part of the private feed's address; empty: none.", max_length=32)),
            ],
        ),
        migrations.AddField(
            model_name='newspage',
            name='tells_members',
            field=models.BooleanField(default=True, help_text='By mail, at the pace that each has chosen, and on the site; once, when the post appears.', verbose_name='tell members'),
        ),
        migrations.CreateModel(
            name='Announcement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(help_text='From when on it is told.')),
                ('told_at_once', models.BooleanField(default=False, help_text='Whether mail goes to those who want it at once.')),
                ('paper', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='announcement', to='fileshare.shareddocument')),
                ('post', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='announcement', to='portal.newspage')),
            ],
        ),
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('posts', 'New posts'), ('papers', 'New papers'), ('comments', 'Comments and replies'), ('confirm', 'Papers to confirm'), ('membership', 'The end of your membership')], max_length=10)),
                ('pace', models.PositiveSmallIntegerField(choices=[(0, 'At once'), (1, 'Daily'), (2, 'Weekly'), (3, 'Never')])),
                ('folder', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fileshare.folder')),
                ('topic', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='portal.topic')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='news_preferences', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('occasion', models.CharField(help_text='Such as “weekly 2027-05-31”.', max_length=60, unique=True)),
                ('pace', models.PositiveSmallIntegerField(choices=[(0, 'At once'), (1, 'Daily'), (2, 'Weekly'), (3, 'Never')])),
                ('day', models.DateField()),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('to_visitors', models.BooleanField(default=False, help_text='Whether the members are done.')),
                ('reached', models.BigIntegerField(default=0)),
                ('mails', models.PositiveIntegerField(default=0)),
                ('begun_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(null=True)),
                ('announcement', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='portal.announcement')),
            ],
        ),
        migrations.CreateModel(
            name='Subscriber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.EmailField(max_length=254, unique=True)),
                ('pace', models.PositiveSmallIntegerField(choices=[(0, 'At once'), (1, 'Daily'), (2, 'Weekly'), (3, 'Never')], default=2)),
                ('asked_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('confirmed_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('address', django.db.models.functions.text.Lower('address'))), name='subscriber_is_lower_case')],
            },
        ),
        migrations.AddIndex(
            model_name='announcement',
            index=models.Index(fields=['-at', '-id'], name='announcements_newest_first'),
        ),
        migrations.AddIndex(
            model_name='announcement',
            index=models.Index(condition=models.Q(('told_at_once', False)), fields=['at'], name='announcements_to_mail'),
        ),
        migrations.AddConstraint(
            model_name='announcement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('paper__isnull', False), ('post', None)), models.Q(('paper', None), ('post__isnull', False)), _connector='OR'), name='announcement_is_of_one_thing'),
        ),
        migrations.AddIndex(
            model_name='preference',
            index=models.Index(fields=['pace', 'user'], name='who_wants_this_pace'),
        ),
        migrations.AddConstraint(
            model_name='preference',
            constraint=models.UniqueConstraint(condition=models.Q(('folder', None), ('topic', None)), fields=('user', 'kind'), name='one_pace_a_kind'),
        ),
        migrations.AddConstraint(
            model_name='preference',
            constraint=models.UniqueConstraint(condition=models.Q(('topic__isnull', False)), fields=('user', 'topic'), name='one_pace_a_topic'),
        ),
        migrations.AddConstraint(
            model_name='preference',
            constraint=models.UniqueConstraint(condition=models.Q(('folder__isnull', False)), fields=('user', 'folder'), name='one_pace_a_folder'),
        ),
        migrations.AddConstraint(
            model_name='preference',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('folder', None), ('topic', None)), models.Q(('folder', None), ('kind', 'posts')), models.Q(('kind', 'papers'), ('topic', None)), _connector='OR'), name='topics_are_of_posts_and_folders_of_papers'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.UniqueConstraint(condition=models.Q(('announcement', None)), fields=('pace', 'day'), name='one_digest_a_day_and_pace'),
        ),
    ]
